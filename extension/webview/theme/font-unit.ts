// The size of VS Code's font against the usual one, for heights that have to be known in pixels.

const usualSize = 13;
let unit: number | undefined;
const listeners = new Set<() => void>();

/** 1 at 13 px. */
export function fontUnit(): number {
  unit ??= (Number.parseFloat(getComputedStyle(document.body).fontSize) || usualSize) / usualSize;
  return unit;
}

/** Calls when VS Code's theme or font size may have changed; returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** VS Code writes its theme into the style of the root element and the classes of the body. */
export function watchTheme(): void {
  const observer = new MutationObserver(() => {
    unit = undefined;
    for (const listener of listeners) listener();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
}
