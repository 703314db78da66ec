@NullMarked
package dev.luthier.run.plan;

import org.jspecify.annotations.NullMarked;
