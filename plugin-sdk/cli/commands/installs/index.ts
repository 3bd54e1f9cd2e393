export { addInstallCommand } from "./install.ts";
export { addInstallsCommand } from "./list.ts";
export { addUninstallCommand } from "./uninstall.ts";
export { addUpgradeCommand } from "./upgrade.ts";
