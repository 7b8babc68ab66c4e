// The doctor's page: takes the findings from the extension, shows them, and hands on what the reader wants done.
import {
  parseDoctorPageState,
  parseToDoctorPage,
  type DoctorPageState,
  type FromDoctorPage,
  type ToDoctorPage,
} from '../../doctor/doctor-page-messages.ts';
import { openHostPort } from '../messaging/host-port.ts';
import { watchTheme } from '../theme/font-unit.ts';
import '../theme/page.css';
import './doctor-page.ts';

const page = document.createElement('doctor-page');

const host = openHostPort<ToDoctorPage, FromDoctorPage, DoctorPageState>({
  parseMessage: parseToDoctorPage,
  parseState: parseDoctorPageState,
  onMessage: (message) => {
    if (message.type === 'lost') {
      page.isLost = true;
      return;
    }
    const { document: shown, about, isOutdated } = message;
    const isSame = page.shown?.at === shown.at;
    page.shown = shown;
    page.isOutdated = isOutdated;
    if (!isSame) page.scrollTop = 0;
    host.saveState({ document: shown, about });
  },
});

watchTheme();
page.act = (message) => host.post(message);
window.addEventListener('focus', () => {
  if (document.activeElement === document.body) page.focusContent();
});
document.body.append(page);
host.post({ type: 'ready' });
