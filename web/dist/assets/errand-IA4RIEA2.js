import{a,b,c}from"./chunk-JW3IQTJN.js";import"./chunk-ZRMATEOH.js";import"./chunk-ZH6TX6DY.js";export{a as Custody,c as Errands,b as NewErrand};
