/** Learning-rate schedules. */
@NullMarked
package dev.luthier.train.schedule;

import org.jspecify.annotations.NullMarked;
