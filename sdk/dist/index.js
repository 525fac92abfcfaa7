import { enrol, signIn } from "./auth.js";
import { Client, openClient } from "./client.js";
import { Collection, collections, Flow } from "./collections.js";
import { renewToken } from "./devicekey.js";
import { GridwalkError, isCode } from "./errors.js";
import { MemoryStore } from "./memory.js";
import { wholeUploader } from "./photos.js";
export * from "./schema.js";
export * from "./verdict.js";
export {
  Client,
  Collection,
  Flow,
  GridwalkError,
  MemoryStore,
  collections,
  enrol,
  isCode,
  openClient,
  renewToken,
  signIn,
  wholeUploader
};
