import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run console:dev` serves the pages and passes everything else on to a running application. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 1_600 },
  server: {
    host: '127.0.0.1',
    proxy: {
      '^/(api|static|health|ready|docs)': 'http://127.0.0.1:8000',
      '/inspect': { target: 'ws://127.0.0.1:8000', ws: true },
    },
  },
});
