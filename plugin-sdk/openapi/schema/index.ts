export { createSchemas, type Limits, type Schemas } from "./create-schemas.ts";
export {
  anything,
  type Component,
  nullable,
  type ObjectShape,
  type Options,
  objectOf,
  type Property,
  type Shape,
  scalar,
  unnamed,
  withOptions,
} from "./shape.ts";
export { sizeOf, toJsonSchema } from "./to-json-schema.ts";
