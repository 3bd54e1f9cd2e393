import type { CoreErrorCode } from "../../errors.ts";
import type { Files } from "../capabilities/index.ts";
import { refuseProblems } from "./offer-kinds.ts";

/**
 * Refuses an input that hands over what is no file of the tenant's, or what its caller may not read itself.
 * @throws with `code`
 */
export async function refuseMissing(
  tenantFiles: Pick<Files, "findAll">,
  { tenantId, files, handsOver }: { tenantId: string; files: string[]; handsOver?: boolean },
  code: CoreErrorCode,
): Promise<void> {
  const found = handsOver ? await tenantFiles.findAll(tenantId, files) : [];
  const missing = files.filter((id) => !found.includes(id));
  const why = handsOver
    ? "is no file of this tenant's, or its time is over"
    : "cannot be handed over with this key, which lacks the scope files:read";
  const problems = missing.map((id) => ({ code, pointer: "", message: `${id} ${why}.` }));
  refuseProblems(code, problems, "The input hands over a file that cannot be.", "/input");
}
