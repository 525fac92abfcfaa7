import{a,b,c}from"./chunk-DCUQB4OG.js";import"./chunk-FJ5MUOFR.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
