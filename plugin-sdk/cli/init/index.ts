export { openApiProject } from "./from-openapi.ts";
export { answerQuestions, type Wish } from "./questions.ts";
export { sdkSpec } from "./sdk-spec.ts";
export { type TemplateName, templateNames, templateProject } from "./templates.ts";
export { type ProjectFile, writeProject } from "./write-project.ts";
