export { scanRoutes } from "./routes.ts";
export { latestScan, listScans, type SavedScan, saveScan } from "./scans.ts";
