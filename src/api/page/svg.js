// Elements: SVG ones, HTML ones, and lists that are updated in place, so that focus and hover stay.

export function svg(name, attributes = {}, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Makes the children of `parent` follow `items`: one element for each key, made once, in order.
export function follow(parent, items, key_of, make, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = String(key_of(item));
    let element = known.get(key);
    known.delete(key);
    if (!element) {
      element = make(item);
      element.dataset.key = key;
    }
    update(element, item);
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index]);
  });
  for (const element of known.values()) element.remove();
}

// Writes only what changed.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
