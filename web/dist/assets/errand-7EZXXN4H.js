import{a,b,c}from"./chunk-NCG5R6NL.js";import"./chunk-F6N5OXN3.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
