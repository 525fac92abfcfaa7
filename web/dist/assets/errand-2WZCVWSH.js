import{a,b,c}from"./chunk-67CKG4BA.js";import"./chunk-JS7XKCN2.js";import"./chunk-THCQGJBK.js";export{a as Custody,c as Errands,b as NewErrand};
