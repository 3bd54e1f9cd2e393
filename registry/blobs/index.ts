export { readBlob, storeBlob } from "./blobs.ts";
