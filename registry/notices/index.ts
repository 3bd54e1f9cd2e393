export { addNotice } from "./notices.ts";
export { noticeRoutes } from "./routes.ts";
