import { signal } from "@preact/signals";

/** A place of the phone in degrees WGS-84, with its error in metres. */
export interface Fix {
  lat: number;
  lng: number;
  accuracy: number;
  at: number;
}

/** The newest place, while a screen or a patrol asks for it. */
export const fix = signal<Fix | undefined>(undefined);
export const denied = signal(false);

let watchers = 0;
let watch = 0;

/** Locates while a screen needs it, and not longer. It gives the function that ends it. */
export function locate(): () => void {
  if (!navigator.geolocation) return () => undefined;
  if (watchers++ === 0) {
    watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        denied.value = false;
        fix.value = { lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy, at: timestamp };
      },
      (error) => (denied.value = error.code === error.PERMISSION_DENIED),
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: 60_000 },
    );
  }
  return () => {
    if (--watchers === 0) navigator.geolocation.clearWatch(watch);
  };
}

const fresh = 30_000;

/** The best place within some seconds; undefined when there is none. The officer never waits for a better one. */
export async function bestFix(within = 8000, good = 30): Promise<Fix | undefined> {
  const stop = locate();
  const usable = () => (fix.value && Date.now() - fix.value.at < fresh ? fix.value : undefined);
  const until = Date.now() + within;
  try {
    for (;;) {
      const now = usable();
      if ((now && now.accuracy <= good) || denied.value || !navigator.geolocation || Date.now() >= until) return now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    stop();
  }
}
