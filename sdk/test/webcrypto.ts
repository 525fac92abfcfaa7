import { webcrypto } from "node:crypto";

// Node 18 has WebCrypto, but under no global name.
if (!("crypto" in globalThis)) Object.defineProperty(globalThis, "crypto", { value: webcrypto });
