import{a,b,c}from"./chunk-7L6E6ANO.js";import"./chunk-2GOYTCNF.js";import"./chunk-IZBCG7XS.js";export{a as Custody,c as Errands,b as NewErrand};
