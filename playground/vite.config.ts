import { defineConfig } from 'vite';

// A static page: relative addresses, so that it runs from any folder of any server.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: { outDir: '../build/playground', emptyOutDir: true, target: 'es2022', modulePreload: false },
  worker: { format: 'es' },
});
