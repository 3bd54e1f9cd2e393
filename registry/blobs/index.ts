export { readBlob, removeBlobUnless, storeBlob } from "./blobs.ts";
