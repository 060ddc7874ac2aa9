// In a file of its own: the page's Content-Security-Policy allows no inline script.
Redoc.init(
  'openapi.json',
  {
    hideLoading: true,
    expandResponses: '200',
    // The default is Montserrat and Roboto, which would have to be fetched from elsewhere.
    theme: {
      typography: {
        fontFamily: 'system-ui, sans-serif',
        headings: { fontFamily: 'system-ui, sans-serif' },
        code: { fontFamily: 'ui-monospace, monospace' },
      },
    },
  },
  document.getElementById('redoc'),
);
