import type { Client, Fields } from "gridwalk";

/** Longest side in pixels and quality of what is kept: enough to read a sign, 200 to 400 KB. */
const longest = 1600;
const quality = 0.8;

/** Shrinks a photograph of the camera to a JPEG. It rejects when the picture cannot be read. */
export async function shrink(file: Blob): Promise<Uint8Array> {
  const full = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const scale = Math.min(1, longest / Math.max(full.width, full.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(full.width * scale));
    canvas.height = Math.max(1, Math.round(full.height * scale));
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.imageSmoothingQuality = "high";
    context.drawImage(full, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (!blob) throw new Error("no JPEG");
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    full.close();
  }
}

/** Puts photographs of a draft into the outbox, after the record that they belong to. */
export async function keepPhotos(client: Client, shots: readonly { bytes: Uint8Array; at: number }[], set: Fields, after: string): Promise<void> {
  for (const shot of shots) await client.capture(shot.bytes, { ...set, taken_at: new Date(shot.at).toISOString() }, [after]);
}
