/** A process that starts a service, says what came of it, and ends: `service-starter TARGET` with the target as JSON. */
import { serviceDriver, type ServiceTarget } from '../../electron/engine/service/driver.ts';

const target = JSON.parse(process.argv[2] ?? '') as ServiceTarget;
process.stdout.write(JSON.stringify(await serviceDriver(target.spec.driver).start(target)));
