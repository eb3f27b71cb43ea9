/** The variable that carries a run's folder into every process its tests start: the label by which they are found. */
export const runVariable = 'MAESTRO_TEST_RUN';
