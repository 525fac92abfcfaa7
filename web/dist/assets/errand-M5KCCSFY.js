import{a,b,c}from"./chunk-S3ALZDUE.js";import"./chunk-MLZXBBTB.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
