import { useState } from 'react';
import type { FailureData } from '../../../electron/api/failure.ts';
import type { ProductSummary } from '../../../electron/api/models.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { ExternalLink } from '../../components/external-link.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { PathField } from '../../components/path-field.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { addressOf } from '../../route/route.ts';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';

/** The products that can be set up. */
export function Catalogue() {
  const { products } = useStores();
  const list = useLoaded(products, everything);
  return (
    <Panel title="Set up from the catalogue">
      <WhenLoaded loaded={list} waiting="Reading the catalogue …" onRetry={() => void products.load(everything)}>
        {(known) => (
          <ul className="choice-list">
            {known.map((product) => (
              <ProductRow key={product.product} product={product} />
            ))}
          </ul>
        )}
      </WhenLoaded>
      <Disclosure summary="Add products of your own">{() => <AddProducts />}</Disclosure>
    </Panel>
  );
}

function ProductRow({ product }: { product: ProductSummary }) {
  return (
    <li>
      <div>
        <p>
          <strong>{product.title}</strong> {product.bundled ? null : <span className="quiet small">your own</span>}
        </p>
        <p className="quiet">{product.summary}</p>
        <p className="row small">
          {Object.entries(product.links).map(([name, address]) => (
            <ExternalLink key={name} address={address}>
              {name}
            </ExternalLink>
          ))}
        </p>
      </div>
      <ButtonLink href={addressOf({ page: 'set-up', product: product.product })} aria-label={`Set up ${product.title}`}>
        Set up
      </ButtonLink>
    </li>
  );
}

function AddProducts() {
  const { client, products } = useStores();
  const [from, setFrom] = useState('');
  const [failure, setFailure] = useState<FailureData | null>(null);
  const add = async (): Promise<void> => {
    const answer = await client.call('addProducts', { from });
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok) await products.load(everything);
  };
  return (
    <Form onSubmit={() => void add()}>
      <PathField
        label="Folder with descriptors"
        hint="YAML files, one for each product. They are checked before they are added."
        value={from}
        onChange={setFrom}
        choose="chooseFolder"
        required
      />
      {failure === null ? null : <FailureNotice failure={failure} />}
      <div className="row">
        <Button type="submit">Check and add</Button>
      </div>
    </Form>
  );
}
