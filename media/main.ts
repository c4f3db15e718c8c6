// Boots the Events panel: the page has an <sse-panel>, it gets its controller, the host says what to show.
import './components/ssePanel.ts';
import { PanelController } from './panelController.ts';

const panel = document.querySelector('sse-panel');
if (panel) {
  const controller = new PanelController();
  panel.controller = controller;
  void controller.start();
}
