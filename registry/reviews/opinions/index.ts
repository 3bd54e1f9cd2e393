export { createOpinions, type Opinions } from "./opinions.ts";
