export { countDownload, countInstall, countUninstall, type Days, lastDays } from "./counts.ts";
export { createStatisticsRefresh, installedBeside } from "./refresh.ts";
