/** Opens VS Code's context menu of an element, under it: a button for it, or the keyboard. */
export function openContextMenu(element: Element): void {
  const { left, bottom } = element.getBoundingClientRect();
  element.dispatchEvent(
    new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: left, clientY: bottom }),
  );
}

/** What VS Code's menus of an element depend on and its commands are given; inner elements add to outer ones. */
export function menuContext(values: Record<string, string | number | boolean>): string {
  return JSON.stringify(values);
}

/** The menu of an event's row and of its detail. */
export function eventContext(position: number): string {
  return menuContext({ webviewSection: 'sseEvent', position, preventDefaultContextMenuItems: true });
}
