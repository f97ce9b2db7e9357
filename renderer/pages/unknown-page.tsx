import { ButtonLink } from '../components/button.tsx';
import { PageTitle } from '../components/page-title.tsx';

export function UnknownPage({ address }: { address: string }) {
  return (
    <div className="page">
      <PageTitle title="There is no such page" />
      <p>
        Nothing is at <code>{address}</code>.
      </p>
      <div className="row">
        <ButtonLink kind="primary" href="#/">
          Home
        </ButtonLink>
      </div>
    </div>
  );
}
