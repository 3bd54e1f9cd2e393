import { definePlugin } from "@plugboard/plugin-sdk";
import { query } from "./actions/query.ts";

export default definePlugin({ actions: { query } });
