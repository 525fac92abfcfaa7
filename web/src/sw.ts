// The worker is checked by its own tsconfig: it has no page.
declare const self: ServiceWorkerGlobalScope;
/** What the build makes: its id, and the files of the shell. */
declare const BUILD: string;
declare const FILES: string[];

const shell = `shell-${BUILD}`;
const page = "/app/";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll([page, ...FILES].map((url) => new Request(url, { cache: "reload" })))));
});

// Nobody's page is taken away under his hands: a new version waits until it is asked.
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("shell-") && name !== shell).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// Data never comes from here: a kept answer would look like signal.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(page)) return;
  const wanted = request.mode === "navigate" ? page : url.pathname;
  event.respondWith(caches.open(shell).then((cache) => cache.match(wanted)).then((kept) => kept ?? fetch(request)));
});
export {};
