/** When what the version before still needs may go. */
export const later = 'in a file of the phase contract, once no version that uses it is live';
