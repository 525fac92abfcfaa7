function nextStamp(last, nowMs, device) {
  let ms = Math.max(Math.floor(nowMs), 0);
  let counter = 0;
  if (last.length >= 17) {
    const lastMs = parseInt(last.slice(0, 12), 16) || 0;
    if (ms <= lastMs) {
      ms = lastMs;
      counter = (parseInt(last.slice(13, 17), 16) || 0) + 1;
      if (counter > 65535) {
        ms++;
        counter = 0;
      }
    }
  }
  return `${hex(ms, 12)}-${hex(counter, 4)}-${device}`;
}
const maxAheadMs = 5 * 6e4;
function wrong(stamp, serverMs) {
  return stamp.length >= 12 && stamp.slice(0, 12) > hex(serverMs + maxAheadMs, 12);
}
function hex(n, digits) {
  return n.toString(16).padStart(digits, "0");
}
export {
  hex,
  nextStamp,
  wrong
};
