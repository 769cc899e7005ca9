import { fieldPath } from '@/fields/issues';

/** A form may have to be loaded first; after this many frames it is not coming. */
const FRAMES = 60;

/** Brings the field of an issue into view and puts the cursor there; what is inside a field leads to the field. */
export function revealField(field: string | undefined) {
  if (!field) return;
  const path = fieldPath(field).split('.');
  let left = FRAMES;
  const look = () => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = document.querySelector<HTMLElement>(`[data-field=${JSON.stringify(path.slice(0, length).join('.'))}]`);
      if (!found) continue;
      found.scrollIntoView({ block: 'center' });
      const control = found.querySelector<HTMLElement>('input, textarea, [contenteditable="true"], [role="combobox"], button');
      (control ?? found).focus({ preventScroll: true });
      return;
    }
    if (left-- > 0) requestAnimationFrame(look);
  };
  look();
}
