// The doctor's page: takes the findings from the extension, shows them, and hands on what the reader wants done.
import { parseToDoctorPage, type FromDoctorPage, type ToDoctorPage } from '../../doctor/doctor-page-messages.ts';
import { openHostPort } from '../messaging/host-port.ts';
import { watchTheme } from '../theme/font-unit.ts';
import '../theme/page.css';
import './doctor-page.ts';

const page = document.createElement('doctor-page');

const host = openHostPort<ToDoctorPage, FromDoctorPage, undefined>({
  parseMessage: parseToDoctorPage,
  parseState: () => undefined,
  onMessage: ({ document: shown }) => {
    page.shown = shown;
    page.scrollTop = 0;
  },
});

watchTheme();
page.act = (message) => host.post(message);
window.addEventListener('focus', () => {
  if (document.activeElement === document.body) page.focusContent();
});
document.body.append(page);
host.post({ type: 'ready' });
