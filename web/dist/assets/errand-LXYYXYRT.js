import{a,b,c}from"./chunk-ESAAWLMD.js";import"./chunk-R6OBDYXC.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
