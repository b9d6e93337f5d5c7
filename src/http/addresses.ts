/** Which part of the API an address belongs to. */

/** The routes of the CRM frontend; all others are our own. */
const CRM = /^\/(?:static\/|api\/(?!v1(?:[/?]|$)))/;

/** Whether an address is one of the native API, of operation, or of the documentation. */
export const isNative = (url: string): boolean => !CRM.test(url);
