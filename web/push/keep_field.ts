/// <reference lib="dom" />

/** A form's field with a value. */
export type Field = HTMLInputElement | HTMLSelectElement;

/** Where a site keeps what people chose, under this beginning. */
const PREFIX = "sluice:";

/**
 * Fills a field with what was chosen the last time and keeps what is chosen from now on, in this browser alone; checkboxes
 * and radio buttons too. What a list no longer has is not chosen.
 */
export function keepField(field: Field, name: string): void {
  const isTicked = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
  const kept = read(name);
  if (kept !== null && isTicked) {
    field.checked = field.type === "radio" ? field.checked || kept === field.value : kept === "true";
  } else if (kept !== null && (field instanceof HTMLInputElement || hasOption(field, kept))) field.value = kept;
  field.addEventListener("change", () => {
    if (!isTicked) write(name, field.value);
    else if (field.type === "checkbox") write(name, String(field.checked));
    else if (field.checked) write(name, field.value);
  });
}

function hasOption(select: HTMLSelectElement, value: string): boolean {
  return Array.from(select.options).some((option) => option.value === value);
}

/** What was kept; null when nothing was, or the browser keeps nothing for this site. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}
