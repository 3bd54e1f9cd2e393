export { countDownload, countInstall, countUninstall, type Days, firstDay, sumOf } from "./counts.ts";
export { daysSince } from "./queries.ts";
export { createStatisticsRefresh, installedBeside } from "./refresh.ts";
