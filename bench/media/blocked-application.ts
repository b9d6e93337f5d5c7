/** The application with its control thread blocked now and then. */
import './block-control-thread.ts';
import '#main.ts';
