import { isPathPattern } from "../path-pattern.ts";
import { pointerTo } from "../pointer.ts";
import { defineRule } from "./rule.ts";

export const pathsRule = defineRule({
  needs: ["permissions"],
  check({ permissions }) {
    return (permissions.network ?? []).flatMap(({ paths = [] }, entry) =>
      paths.flatMap((path, index) =>
        isPathPattern(path)
          ? []
          : [
              {
                code: "path-invalid",
                pointer: pointerTo("permissions", "network", entry, "paths", index),
                message: `Path ${JSON.stringify(path)} is not one; expected /v1/customers, /v1/customers/* (one segment) or /v1/** (all below), as a URL parser writes it, without encoded or empty segments.`,
              },
            ],
      ),
    );
  },
});
