import { type FileInfo, Type } from "@plugboard/plugin-sdk";

/** A file that an action made. */
export const FileOut = {
  file: Type.String({ description: "The file's id; the host keeps it for a day" }),
  name: Type.String(),
  size: Type.Integer({ description: "In bytes" }),
};

export const fileOut = ({ id, name, size }: FileInfo) => ({ file: id, name: name ?? "", size });
