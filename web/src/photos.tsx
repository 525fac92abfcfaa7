import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { capturing } from "./draft.js";
import { t } from "./i18n.js";
import { Icon } from "./icons.js";
import { shrink } from "./photo.js";
import { path } from "./router.js";
import { Button, say, Sheet } from "./ui.js";

/** Since the page was once ended by the camera app, the camera within the page is offered first. */
export const insideFirst = signal(false);

/** A photograph of a draft: JPEG bytes, and when it was taken. */
export interface Shot {
  bytes: Uint8Array;
  at: number;
}

/** Takes photographs into a draft. */
export function Photos({ shots, onChange, max = 6 }: { shots: readonly Shot[]; onChange(shots: Shot[]): void; max?: number }) {
  const input = useRef<HTMLInputElement>(null);
  const [live, setLive] = useState(false);
  const add = async (file: Blob) => {
    try {
      onChange([...shots, { bytes: await shrink(file), at: Date.now() }]);
    } catch {
      say(t("photoUnreadable"));
      if (navigator.mediaDevices) setLive(true);
    }
  };
  return (
    <div class="photos">
      {shots.map((shot, i) => <Picture key={shot.at} bytes={shot.bytes} onRemove={() => onChange(shots.filter((_, at) => at !== i))} />)}
      {shots.length < max && (
        <label class="shoot"><Icon name="camera" />{t(shots.length === 0 ? "takePhoto" : "addPhoto")}
          <input ref={input} type="file" accept="image/*" capture="environment"
            onClick={(e) => { if (insideFirst.value && navigator.mediaDevices) { e.preventDefault(); setLive(true); } else void capturing.begin(path.value); }}
            onChange={() => {
              void capturing.end();
              const file = input.current?.files?.[0];
              if (file) void add(file);
              if (input.current) input.current.value = "";
            }} />
        </label>
      )}
      {live && <Camera onClose={() => setLive(false)} onShot={(blob) => { setLive(false); void add(blob); }} />}
    </div>
  );
}

function Picture({ bytes, onRemove }: { bytes: Uint8Array; onRemove(): void }) {
  const url = useMemo(() => URL.createObjectURL(new Blob([bytes as BlobPart], { type: "image/jpeg" })), [bytes]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return <figure><img src={url} alt={t("photo")} /><button type="button" aria-label={t("removePhoto")} onClick={onRemove}>×</button></figure>;
}

/** The camera within the page, for phones on which the camera app ends it. */
function Camera({ onShot, onClose }: { onShot(blob: Blob): void; onClose(): void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const end = () => stream?.getTracks().forEach((track) => track.stop());
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } }).then((found) => {
      stream = found;
      if (closed) end();
      else if (video.current) video.current.srcObject = found;
    }, () => { say(t("noCamera")); onClose(); });
    const hidden = () => document.visibilityState === "hidden" && onClose();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      closed = true;
      end();
      document.removeEventListener("visibilitychange", hidden);
    };
  }, []);
  const shoot = () => {
    const from = video.current;
    if (!from || from.videoWidth === 0) return;
    const canvas = document.createElement("canvas");
    canvas.width = from.videoWidth;
    canvas.height = from.videoHeight;
    canvas.getContext("2d")?.drawImage(from, 0, 0);
    canvas.toBlob((blob) => blob && onShot(blob), "image/jpeg", 0.92);
  };
  return <Sheet title={t("takePhoto")} onClose={onClose}><video ref={video} autoplay muted playsInline /><Button kind="main" onClick={shoot}>{t("shutter")}</Button></Sheet>;
}
