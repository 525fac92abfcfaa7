import{a as e}from"./chunk-FE7N24QX.js";import"./chunk-SQE76S5B.js";export{e as systemSealer};
