import { pointerTo } from "../pointer.ts";
import { defineRule } from "./rule.ts";

/** Whether a host gets the credential has one answer, which a tenant can read. */
export const credentialHostsRule = defineRule({
  needs: ["permissions"],
  check({ permissions }) {
    const network = permissions.network ?? [];
    const withCredential = new Set(
      network.filter(({ credential }) => credential !== false).flatMap(({ hosts }) => hosts),
    );
    return network.flatMap(({ hosts, credential }, entry) =>
      hosts.flatMap((host, index) =>
        credential === false && withCredential.has(host)
          ? [
              {
                code: "credential-ambiguous",
                pointer: pointerTo("permissions", "network", entry, "hosts", index),
                message: `${JSON.stringify(host)} gets the credential in one entry and not in another; say "credential": false in all of them, or in none.`,
              },
            ]
          : [],
      ),
    );
  },
});
