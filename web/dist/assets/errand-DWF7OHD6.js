import{a,b,c}from"./chunk-H54STQ6G.js";import"./chunk-NP4SG6MD.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
