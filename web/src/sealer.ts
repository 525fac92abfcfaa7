export { systemSealer } from "gridwalk/fetch";
