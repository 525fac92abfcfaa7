import{a,b,c}from"./chunk-HKPEHKNJ.js";import"./chunk-Q37IVYIR.js";import"./chunk-VGRDKVUV.js";export{a as Custody,c as Errands,b as NewErrand};
