import '@mantine/core/styles.css';
import './theme/font.css';
import './theme/tokens.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
